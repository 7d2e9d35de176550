"""Airflow: tasks, timetable, its API, and a local instance."""
