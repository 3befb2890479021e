internal import HTTPWire

extension RefusalFault {
    /// Under which name a fault of a head or a chunked body is counted.
    init(_ fault: HeadFault) {
        self =
            switch fault {
            case .requestLineTooLong: .oversizedTarget
            case .headTooLarge, .tooManyFields, .trailersTooLarge: .oversizedHead
            case .connectNotAllowed, .traceNotAllowed: .unsupportedMethod
            case .unsupportedVersion: .unsupportedVersion
            case .unknownCoding: .unsupportedCoding
            default: .malformedHead
            }
    }
}
