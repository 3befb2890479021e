/// Why the kernel refused a part of a transaction, with the numbers of errno(3).
package struct KernelReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The error number.
    package let rawValue: Int32

    /// Wraps an error number.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// Something that the change refers to is not there (`ENOENT`).
    package static let notFound = KernelReason(rawValue: 2)
    /// It is there already, and differs (`EEXIST`).
    package static let exists = KernelReason(rawValue: 17)
    /// Something still refers to it (`EBUSY`).
    package static let busy = KernelReason(rawValue: 16)
    /// It makes no sense to this kernel (`EINVAL`).
    package static let invalid = KernelReason(rawValue: 22)
    /// A value is out of its range (`ERANGE`).
    package static let outOfRange = KernelReason(rawValue: 34)
    /// The caller may not do it (`EPERM`).
    package static let notPermitted = KernelReason(rawValue: 1)
    /// The kernel has no memory for it (`ENOMEM`).
    package static let noMemory = KernelReason(rawValue: 12)
    /// The set is full (`ENFILE`).
    package static let setFull = KernelReason(rawValue: 23)
    /// Chains lead to each other in a circle, or through more than sixteen (`EMLINK`).
    package static let tooManyLinks = KernelReason(rawValue: 31)
    /// The kernel lacks the feature, or has it elsewhere only: addresses are translated in nat chains (`EOPNOTSUPP`).
    package static let unsupported = KernelReason(rawValue: 95)
    /// The answer did not fit the receive buffer (`ENOBUFS`).
    package static let noBufferSpace = KernelReason(rawValue: 105)

    package var description: String {
        switch self {
        case .notFound: "no such object (ENOENT)"
        case .exists: "it exists already with another value (EEXIST)"
        case .busy: "something still refers to it (EBUSY)"
        case .invalid: "this kernel finds it invalid (EINVAL)"
        case .outOfRange: "a value is out of range (ERANGE)"
        case .notPermitted: "not permitted (EPERM)"
        case .noMemory: "the kernel has no memory for it (ENOMEM)"
        case .setFull: "the set is full (ENFILE)"
        case .tooManyLinks: "chains lead in a circle or too deep (EMLINK)"
        case .unsupported: "this kernel lacks the feature, or not here (EOPNOTSUPP)"
        case .noBufferSpace: "the answer overran the receive buffer (ENOBUFS)"
        default: "error \(rawValue)"
        }
    }
}

/// One part of a transaction that was refused.
package struct OperationFailure: Hashable, Sendable, CustomStringConvertible {
    /// The index of the operation in the transaction; nil when the whole transaction is meant.
    package let operation: Int?

    /// The index of the element in the operation, when the kernel told which.
    package let element: Int?

    /// Why.
    package let reason: KernelReason

    /// Describes a refused part.
    package init(operation: Int?, element: Int? = nil, reason: KernelReason) {
        self.operation = operation
        self.element = element
        self.reason = reason
    }

    package var description: String {
        switch (operation, element) {
        case (let operation?, let element?): "operation \(operation), element \(element): \(reason)"
        case (let operation?, nil): "operation \(operation): \(reason)"
        default: "\(reason)"
        }
    }
}

/// Why a store did not do what it was asked for, and so has changed nothing.
package enum RulesetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kernel refused these parts, and so the whole transaction; never empty.
    case refused([OperationFailure])
    /// Somebody changed the ruleset since the generation that the transaction was made for.
    case generationChanged
    /// The process lacks CAP_NET_ADMIN.
    case notPermitted
    /// The connection to the kernel failed; the words say at which step and why.
    case channel(step: String, reason: KernelReason)

    package var description: String {
        switch self {
        case .refused(let failures):
            "nftables refused the transaction: " + failures.prefix(3).map(\.description).joined(separator: "; ")
                + (failures.count > 3 ? "; and \(failures.count - 3) more" : "")
        case .generationChanged:
            "the ruleset was changed by another program at the same time"
        case .notPermitted:
            "nftables refused access (EPERM): CAP_NET_ADMIN is needed in this network namespace; run as root, or give "
                + "the container securityContext.capabilities.add: [NET_ADMIN]"
        case .channel(let step, let reason):
            "netlink \(step) failed: \(reason)"
        }
    }
}
