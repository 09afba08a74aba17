"""What people can ask of netcheck: one file a command, one grammar, and one door that every act goes through."""
