"""Who is an admin of a scope at an instant, by the roles and the groups of that instant."""


def is_admin(knowledge, user, scope, at):
    """Whether a user, alone or by a group, holds an admin's role over a customer or a workspace."""
    events = knowledge.until(at)
    principals = {f"user:{user}"} | {f"group:{group}" for group in groups_of(events, user)}
    return any(
        holder in principals and covers(knowledge, role, held_scope, scope)
        for holder, role, held_scope in roles(events)
    )


def roles(events):
    """The (principal, role, scope) that are granted and not revoked."""
    held = set()
    for event in events:
        if event.type in ("role.granted", "role.revoked"):
            role = (event.data["principal"], event.data["role"], event.data["scope"])
            if event.type == "role.granted":
                held.add(role)
            else:
                held.discard(role)
    return held


def groups_of(events, user):
    """The groups of which a user is a member: a removal is from the group, wherever it was said."""
    groups = set()
    for event in events:
        if event.type == "group.member_added" and event.data["user"] == user:
            groups.add(event.data["group"])
        elif event.type == "group.member_removed" and event.data["user"] == user:
            groups.discard(event.data["group"])
    return groups


def covers(knowledge, role, held_scope, scope):
    """Whether a role over one scope makes an admin of another; a customer's: customer_admin."""
    if scope.startswith("customer:"):
        return role == "customer_admin" and held_scope == scope
    if role not in ("customer_admin", "workspace_admin"):
        return False
    workspace = knowledge.creation(
        "workspace.created", "workspace", scope.removeprefix("workspace:")
    )
    return held_scope == scope or held_scope == f"customer:{workspace.data['customer']}"
