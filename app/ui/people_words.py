"""Roles and permissions in words."""

from __future__ import annotations

from engine.workbench.permissions import Permission, Role
from engine.workbench.staff import SignsInBy

ROLE_WORDS: dict[Role, str] = {
    "analyst": "works on alerts and proposes how they close",
    "reviewer": "does that too, approves what others propose, and reads the audit",
    "admin": "may do everything, and sees account ids only after asking for them",
}

PERMISSION_WORDS: dict[Permission, str] = {
    "read": "See the queue, alerts, notes, and their history",
    "see_accounts": "See account ids at once",
    "reveal_accounts": "See account ids on request, which is recorded",
    "work": "Take alerts, note, snooze, and decide",
    "assign_others": "Assign to others, set priorities, free what others have open",
    "approve": "Approve decisions of others",
    "reopen": "Open closed alerts again",
    "suppress": "Suppress alerts for a time, and lift that",
    "export": "Download case data",
    "run": "Start, cancel, and resume runs",
    "delete_run": "Delete runs",
    "train_on_decisions": "Hand decisions to a run as labels",
    "share_view": "Share a view of the queue with everybody",
    "read_audit": "Read the audit and prove its chain",
    "settings": "Change the settings of the workbench",
    "people": "Make users, change roles, give new passwords",
}

SIGNS_IN_WORDS: dict[SignsInBy, str] = {
    "password": "Password",
    "provider": "OpenID provider",
    "demo": "Demo, without signing in",
}
