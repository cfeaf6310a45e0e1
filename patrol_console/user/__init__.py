"""People, their passwords and the roles they hold on areas."""
