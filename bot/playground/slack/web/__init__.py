"""The Web API: one file a family of methods, and how calls arrive over HTTP."""
