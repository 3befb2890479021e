/// How much an operator should care about a log event; the gravest comes first.
package enum LogLevel: UInt8, Comparable, CaseIterable, Sendable, CustomStringConvertible {
    /// Something is broken and stays so until someone acts.
    case error
    /// Something is wrong, but the program goes on and may mend it.
    case warning
    /// What a healthy program reports: starts, stops, changes made.
    case info
    /// What only someone who searches for a fault wants.
    case debug

    /// The most verbose level that a Kubernetes `-v` number asks for.
    ///
    /// As with kube-proxy, 0 still shows warnings, errors and the ordinary events, and from 4 on comes detail meant for
    /// debugging. There is nothing that is only shown at 10, the highest number.
    package init(verbosity: Int) { self = verbosity < 4 ? .info : .debug }

    /// The name in lower case, as JSON lines carry it.
    package var description: String {
        switch self {
        case .error: "error"
        case .warning: "warning"
        case .info: "info"
        case .debug: "debug"
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
