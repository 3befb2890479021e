/// A request that has arrived.
struct ParsedRequest {
    let request: ServerRequest
    let takesGzip: Bool

    /// Takes the first request from the bytes of a connection; nil when it is not complete.
    init?(takenFrom bytes: inout [UInt8]) {
        let end: [UInt8] = [13, 10, 13, 10]
        guard bytes.count >= 4,
            let head = (0...(bytes.count - 4)).first(where: { Array(bytes[$0..<$0 + 4]) == end })
        else { return nil }
        let lines = String(decoding: bytes[..<head], as: UTF8.self).split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        let length = fields["content-length"].flatMap(Int.init) ?? 0
        guard bytes.count >= head + 4 + length else { return nil }
        let body = String(decoding: bytes[(head + 4)..<(head + 4 + length)], as: UTF8.self)
        bytes.removeFirst(head + 4 + length)
        let words = (lines.first ?? "").split(separator: " ")
        let target = (words.count > 1 ? words[1] : "").split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in target.count > 1 ? target[1].split(separator: "&") : [] {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(parts[0])] = Self.decoded(parts.count > 1 ? parts[1] : "")
        }
        request = ServerRequest(
            method: String(words.first ?? ""),
            path: Self.decoded(target.first ?? ""),
            query: query,
            fields: fields,
            body: body
        )
        takesGzip = fields["accept-encoding"]?.contains("gzip") ?? false
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(Substring(rest.prefix(2)), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
