"""What a workspace holds: users, channels, messages, views and files. No IO."""
