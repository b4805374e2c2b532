"""Who may see what, written a second time and simply: from the events, with no code of ours."""

ADMINS = {"customer_admin", "workspace_admin"}
PAGE = ADMINS | {"customer_activity"}


class Allowed:
    """What each user may see now, judged from the events that are known."""

    def __init__(self, knowledge, now):
        self.events = knowledge.events
        self.until_now = [event for event in self.events if event.effective_at <= now]
        self.customers = {
            event.data["workspace"]: event.data["customer"]
            for event in self.events
            if event.type == "workspace.created"
        }

    def groups(self, user):
        """The groups to which a user belongs, whatever workspaces were named."""
        member = set()
        for event in self.until_now:
            if event.type.startswith("group.") and event.data["user"] == user:
                change = member.add if event.type.endswith("added") else member.discard
                change(event.data["group"])
        return member

    def roles(self, user, workspace):
        """The roles of a user on a workspace that exists."""
        if workspace not in self.customers:
            return set()
        scopes = {f"workspace:{workspace}", f"customer:{self.customers[workspace]}"}
        principals = {f"user:{user}"} | {f"group:{group}" for group in self.groups(user)}
        held = set()
        for event in self.until_now:
            if event.type.startswith("role."):
                grant = (event.data["principal"], event.data["role"], event.data["scope"])
                (held.add if event.type == "role.granted" else held.discard)(grant)
        return {role for who, role, scope in held if who in principals and scope in scopes}

    def page(self, user, workspace):
        """Whether the page of a workspace opens."""
        return bool(self.roles(user, workspace) & PAGE)

    def pages(self, user):
        """The workspaces whose page opens."""
        return {workspace for workspace in self.customers if self.page(user, workspace)}

    def is_admin(self, user, workspace):
        """Whether a user administers a workspace."""
        return bool(self.roles(user, workspace) & ADMINS)

    def sees_learners(self, user, workspace):
        """Whether a user sees what all learners of a workspace do."""
        return bool(self.roles(user, workspace) & (ADMINS | {"learning_manager"}))

    def sees_case(self, user, case, workspace):
        """Whether one criterion of a case in a workspace holds, the page set aside."""
        users, group, contact = self.circle(case)
        return (
            bool(self.roles(user, workspace) & (ADMINS | {"view_all_requests"}))
            or contact == user
            or user in users
            or group in self.groups(user)
        )

    def circle(self, case):
        """With whom a case is shared now: users, the one group, and its opening contact."""
        opening, before, after = None, [], []
        for event in self.until_now:
            if event.data.get("case") != case:
                continue
            if event.type == "case.opened" and opening is None:
                opening = event
            elif event.type in ("case.shared", "case.unshared"):
                (before if opening is None else after).append(event)
        if opening is None:
            return set(), None, None
        users, group = set(), opening.data.get("group")
        for event in before + after:
            if "user" in event.data:
                change = users.add if event.type == "case.shared" else users.discard
                change(event.data["user"])
            elif event.type == "case.shared":
                group = event.data["group"]
            elif group == event.data["group"]:
                group = None
        return users, group, opening.data.get("primary_contact")

    def workspaces_ever(self, case):
        """Every workspace in which a case ever is."""
        named = ("case.opened", "case.reassigned")
        return {
            event.data["workspace"]
            for event in self.events
            if event.type in named
            and event.data["case"] == case
            and event.data.get("workspace") is not None
        }
