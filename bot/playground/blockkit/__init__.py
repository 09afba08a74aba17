"""What Slack accepts: blocks, elements, messages and views with their limits, as tables. No IO."""
