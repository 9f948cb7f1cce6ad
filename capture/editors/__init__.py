"""What marketers type into the builder, read and checked."""
