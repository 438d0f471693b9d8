//! Rules that need more than one query, shared by the REST surface, the pages and the launcher.
