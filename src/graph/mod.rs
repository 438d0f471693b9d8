//! Graphs of runs and snapshots, ready to be drawn.
