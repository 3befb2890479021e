package import NetworkAddress

/// Which addresses of clients may use a route; denials are asked before permissions.
package struct ClientRules: Hashable, Sendable {
    /// Who may not.
    package let denied: [IPPrefix]
    /// Who may; empty for everybody who is not denied.
    package let allowed: [IPPrefix]

    /// Creates rules.
    package init(denied: [IPPrefix], allowed: [IPPrefix]) {
        self.denied = denied
        self.allowed = allowed
    }

    /// Whether a client may use the route.
    package func admits(_ client: IPAddress) -> Bool {
        for prefix in denied where prefix.contains(client) { return false }
        if allowed.isEmpty { return true }
        for prefix in allowed where prefix.contains(client) { return true }
        return false
    }
}
