"""One module for each resource: each public function is a scenario, played alike on both servers."""
