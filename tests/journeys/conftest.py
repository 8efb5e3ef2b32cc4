"""Journeys that begin with a call need the whole telephone."""

from tests.telephone.conftest import stage as stage
