/// What the backend has to offer: bodies that are told apart by their paths.
enum BackendBody: Int, CaseIterable {
    case small
    case medium
    case large

    /// The path that asks for it.
    var path: String {
        switch self {
        case .small: "/1k"
        case .medium: "/64k"
        case .large: "/1m"
        }
    }

    var byteCount: Int {
        switch self {
        case .small: 1024
        case .medium: 65_536
        case .large: 1_048_576
        }
    }

    /// The bytes, no two neighbouring kilobytes of which are alike.
    var bytes: [UInt8] { (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 10) } }

    /// The whole answer.
    var response: [UInt8] {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: \(byteCount)\r\n\r\n"
        return Array(head.utf8) + bytes
    }

    /// Finds what a request asks for by the last letters of its path.
    init?(request: borrowing Span<UInt8>) {
        // "GET /1k HTTP/1.1": methods and paths of others are none of the bench's.
        guard request.count > 9, request[4] == UInt8(ascii: "/") else { return nil }
        switch (request[5], request[6]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "k")): self = .small
        case (UInt8(ascii: "6"), UInt8(ascii: "4")): self = .medium
        case (UInt8(ascii: "1"), UInt8(ascii: "m")): self = .large
        default: return nil
        }
    }
}
