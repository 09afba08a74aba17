"""What people do: type, press, choose, submit. Each act becomes a payload, and the person sees how it went."""
