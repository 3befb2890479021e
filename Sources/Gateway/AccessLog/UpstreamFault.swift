/// What an attempt came to nothing for, where it was no status of the endpoint's own.
package enum UpstreamFault: UInt8, CaseIterable, Sendable {
    /// No connection came about.
    case connect
    /// No connection came about in time.
    case connectTimeout
    /// The connection ended or broke before the response's head was there.
    case reset
    /// The response's head did not come in time.
    case timeout
    /// What came is no response.
    case invalidResponse
    /// More interim responses came than one request can mean.
    case interimResponses
    /// The gateway itself has too few descriptors or too little memory.
    case noResources

    /// The word in the log.
    var text: StaticString {
        switch self {
        case .connect: "connect"
        case .connectTimeout: "connect-timeout"
        case .reset: "reset"
        case .timeout: "timeout"
        case .invalidResponse: "invalid-response"
        case .interimResponses: "interim-responses"
        case .noResources: "no-resources"
        }
    }
}
