package import KubernetesAPI

/// What a reflector wants done.
package enum ReflectorAction: Hashable, Sendable {
    /// Send a request, and tell how it goes.
    case send(ReflectorRequest)
    /// Stop what is under way: nothing of the answer is wanted any more.
    case abandon
    /// Read the credentials again before the next request.
    case renewCredentials
    /// These objects are gone.
    case remove([ObjectReference])
    /// Say what is wrong, in place of what was said before; nil says that all is well.
    case report(String?)
}

/// What becomes of an object that a server has sent.
package enum ReflectorVerdict: Hashable, Sendable {
    /// It is new or has changed.
    case apply
    /// It is gone.
    case remove
    /// It is what is known already, or older.
    case ignore
}
