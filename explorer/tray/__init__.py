"""The rows and charts under the map."""
