"""An application for connection: the form, the queue, its steps, the tracker."""
