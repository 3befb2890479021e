internal import KubernetesAPI
internal import NetworkAddress
internal import Routing

/// Why a text is no value of its kind, as the end of a sentence that begins with the text.
struct ValueFault: Error, Hashable {
    /// What is wrong, such as `is no size such as 8m`.
    let rule: String

    /// Creates a fault.
    init(_ rule: String) { self.rule = rule }
}

/// The kinds of value that annotations and options have, read as ingress-nginx reads them.
enum TextValues {
    /// Reads a truth value, in all the forms that Go has for it.
    static func bool(_ text: String) throws(ValueFault) -> Bool {
        switch text {
        case "true", "True", "TRUE", "t", "T", "1": true
        case "false", "False", "FALSE", "f", "F", "0": false
        default: throw ValueFault("is neither true nor false")
        }
    }

    /// Reads a whole number in a range.
    static func integer(_ text: String, in range: ClosedRange<Int>) throws(ValueFault) -> Int {
        guard let number = Int(text) else { throw ValueFault("is no whole number") }
        guard range.contains(number) else {
            throw ValueFault("is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    /// Reads a number of seconds as milliseconds.
    static func seconds(_ text: String, from least: Int = 1) throws(ValueFault) -> Int32 {
        let seconds = text.hasSuffix("s") ? String(text.dropLast()) : text
        return Int32(try integer(seconds, in: least...secondsMax) * 1000)
    }

    /// Reads a size in bytes, with k, m or g behind the number for its multiples of 1024.
    static func size(_ text: String) throws(ValueFault) -> Int64 {
        var digits = text[...]
        var shift: Int64 = 0
        switch digits.last {
        case "k", "K": shift = 10
        case "m", "M": shift = 20
        case "g", "G": shift = 30
        default: break
        }
        if shift > 0 || digits.last == "b" || digits.last == "B" { digits.removeLast() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ValueFault("is no size such as 8m")
        }
        guard let number = Int64(digits), number <= Int64.max >> shift else { throw ValueFault("is too large a size") }
        return number << shift
    }

    /// Reads addresses and ranges between commas; empty places between them do not count.
    static func ranges(_ text: String) throws(ValueFault) -> [IPPrefix] {
        var ranges: [IPPrefix] = []
        for part in text.split(separator: ",") {
            let place = trimmed(part)
            if place.isEmpty { continue }
            if let range = IPPrefix(parsing: place) {
                ranges.append(range)
            } else if let address = IPAddress(parsing: place) {
                ranges.append(IPPrefix(holding: address, length: address.family.addressBits))
            } else {
                throw ValueFault("holds \(ObjectValue.quoted(String(place))), which is no address or range")
            }
        }
        return ranges
    }

    /// Reads the failures after which another endpoint is tried.
    static func retryConditions(_ text: String) throws(ValueFault) -> RetryConditions {
        var conditions: RetryConditions = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            if word == "off" { return .off }
            guard let condition = retryWords[String(word)] else {
                throw ValueFault("holds \(ObjectValue.quoted(String(word))), which is no failure that nginx knows")
            }
            conditions.formUnion(condition)
        }
        return conditions
    }

    /// Reads where a redirect leads: an address of HTTP that can stand in a Location field.
    static func location(_ text: String) throws(ValueFault) -> RequestTemplate {
        let start = text.lowercased()
        guard ["http://", "https://", "$scheme://", "${scheme}://"].contains(where: { start.hasPrefix($0) }) else {
            throw ValueFault("does not begin with http:// or https://")
        }
        return try template(text)
    }

    /// Reads a path to redirect to.
    static func rootedPath(_ text: String) throws(ValueFault) -> RequestTemplate {
        guard text.hasPrefix("/"), !text.contains("://") else {
            throw ValueFault("is no path that begins with a slash")
        }
        let template = try template(text)
        guard !template.asksForGroups else { throw ValueFault("names a group such as $1, and / is no pattern") }
        return template
    }

    /// Reads a Host field, which may name what is the same for all requests of a route.
    static func hostField(_ text: String) throws(ValueFault) -> RequestTemplate {
        let template = try template(text)
        let named: Set<RequestVariable> = [.namespace, .ingress, .service, .servicePort]
        guard named.isSuperset(of: template.variables) else {
            throw ValueFault(
                "names another variable than $namespace, $ingress_name, $service_name and $service_port, which differs "
                    + "between requests or is no host's name"
            )
        }
        let literals = template.parts.flatMap { part -> [UInt8] in
            if case .literal(let bytes) = part { bytes } else { [] }
        }
        guard isHostField(literals) else { throw ValueFault("is no host name") }
        return template
    }

    /// Whether bytes may stand in a Host field.
    static func isHostField(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { isLetterOrDigit($0) || "-._:[]".utf8.contains($0) }
    }

    private static func template(_ text: String) throws(ValueFault) -> RequestTemplate {
        do throws(RequestTemplateError) { return try RequestTemplate(text) } catch {
            throw ValueFault(error.description)
        }
    }

    /// Reads the name of a field or a cookie (RFC 9110 §5.6.2).
    static func token(_ text: String) throws(ValueFault) -> [UInt8] {
        guard !text.isEmpty, text.utf8.allSatisfy({ isLetterOrDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }) else {
            throw ValueFault("is no name: letters, digits and hyphens")
        }
        return Array(text.utf8)
    }

    /// Reads the path or the domain of a cookie (RFC 6265 §4.1.1).
    static func cookieAttribute(_ text: String) throws(ValueFault) -> [UInt8] {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ";") }) else {
            throw ValueFault("holds a character that no attribute of a cookie has")
        }
        return Array(text.utf8)
    }

    /// The text without white space around it.
    static func trimmed(_ text: some StringProtocol) -> Substring {
        let head = Substring(text).drop(while: \.isWhitespace)
        return head.lastIndex { !$0.isWhitespace }.map { head[...$0] } ?? ""
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// What the milliseconds of an Int32 can hold: 24 days.
    static let secondsMax = Int(Int32.max) / 1000

    private static let retryWords: [String: RetryConditions] = [
        "error": .error, "timeout": .timeout, "invalid_header": .invalidHeader, "http_500": .http500,
        "http_502": .http502, "http_503": .http503, "http_504": .http504, "http_403": .http403, "http_404": .http404,
        "http_429": .http429, "non_idempotent": .nonIdempotent,
    ]
}
