"""What a finance team asks for over HTTP."""
