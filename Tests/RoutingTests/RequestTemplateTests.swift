import ByteBuffers
import Routing
import Testing

/// Texts with variables of nginx: what they are read as, and what is written in the place of a variable.
struct `Templates of requests` {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let parts: [RequestTemplate.Part]
        var testDescription: String { text }

        init(_ text: String, _ parts: RequestTemplate.Part...) { (self.text, self.parts) = (text, parts) }
    }

    private static func literal(_ text: String) -> RequestTemplate.Part { .literal(Array(text.utf8)) }

    private static func before(_ variable: RequestVariable) -> RequestTemplate.Part {
        .variable(variable, isInQuery: false)
    }

    private static func behind(_ variable: RequestVariable) -> RequestTemplate.Part {
        .variable(variable, isInQuery: true)
    }

    static let cases = [
        Case(""), Case("https://a.com/x?y#z", literal("https://a.com/x?y#z")),
        Case("https://a.com$request_uri", literal("https://a.com"), before(.target)),
        Case("$scheme://www.$host$uri", before(.scheme), literal("://www."), before(.host), before(.path)),
        Case("${scheme}s://x", before(.scheme), literal("s://x")),
        Case("/$uri$is_args$args", literal("/"), before(.path), before(.questionMark), behind(.query)),
        Case("/a?b=$uri&c=$1", literal("/a?b="), behind(.path), literal("&c="), behind(.group(1))),
        Case("/$10", literal("/"), before(.group(1)), literal("0")),
        Case("/${1}0$9", literal("/"), before(.group(1)), literal("0"), before(.group(9))),
        Case("$arg_Page", before(.parameter(Array("page".utf8)))),
        Case("$http_x_forwarded_for", before(.field(Array("x-forwarded-for".utf8)))),
        Case("$cookie_Session", before(.cookie(Array("Session".utf8)))),
        Case("$document_uri$query_string", before(.path), before(.query)),
        Case("$http_host$best_http_host", before(.authority), before(.forwardedAuthority)),
        Case("$remote_addr-$request_method", before(.client), literal("-"), before(.method)),
        Case("$req_id$request_id", before(.requestID), before(.requestID)),
        Case("$server_port$pass_port", before(.port), before(.forwardedPort)),
        Case("$pass_access_scheme", before(.forwardedScheme)), Case("$subdomain", before(.subdomain)),
        Case("$namespace/$ingress_name", before(.namespace), literal("/"), before(.ingress)),
        Case("$service_name:$service_port", before(.service), literal(":"), before(.servicePort)),
        Case("$location_path$server_name", before(.declaredPath), before(.declaredHost)),
    ]

    @Test(arguments: cases) func `are read into pieces`(_ one: Case) throws {
        let template = try RequestTemplate(one.text)
        #expect(template.parts == one.parts)
        #expect(template.text == one.text)
    }

    @Test(
        arguments: [
            ("a$", .danglingDollar(position: 1)), ("$$host", .danglingDollar(position: 0)),
            ("a${}", .danglingDollar(position: 1)),
            ("$-", .danglingDollar(position: 0)), ("${host", .unclosedBrace(position: 0)),
            ("x${host-}", .unclosedBrace(position: 1)),
            ("$0", .unknownVariable("0")), ("$hosts", .unknownVariable("hosts")),
            ("$request_body", .unknownVariable("request_body")),
            ("$arg_", .unknownVariable("arg_")), ("$http_", .unknownVariable("http_")),
            ("$Host", .unknownVariable("Host")),
            ("a b", .invalidByte(32, position: 1)), ("a\r\nSet-Cookie: x", .invalidByte(13, position: 1)),
            ("\u{e9}", .invalidByte(0xc3, position: 0)), ("a\0", .invalidByte(0, position: 1)),
            (String(repeating: "a", count: 4097), .tooLong(bytes: 4097)),
            (String(repeating: "$uri", count: 17), .tooManyVariables(count: 17)),
        ] as [(String, RequestTemplateError)]
    )
    func `are refused with the reason`(text: String, error: RequestTemplateError) {
        #expect(throws: error) { try RequestTemplate(text) }
    }

    @Test func `are read up to their limits`() throws {
        #expect(try RequestTemplate(String(repeating: "a", count: 4096)).parts.count == 1)
        #expect(try RequestTemplate(String(repeating: "$uri", count: 16)).variables.count == 16)
    }

    private static let everyVariable: [RequestVariable] = [
        .target, .path, .query, .parameter([97]), .host, .authority, .forwardedAuthority, .subdomain, .forwardedPort,
        .method, .requestID, .field([97]), .cookie([97]), .group(1), .namespace, .ingress, .service, .servicePort,
        .declaredPath, .declaredHost,
    ]

    @Test func `let no value end the line, whatever bytes it has`() {
        let every = (0...255).map { UInt8($0) }
        for variable in Self.everyVariable {
            for isInQuery in [false, true] {
                var output = ByteBuffer()
                variable.write(every.span, isInQuery: isInQuery, into: &output)
                let isClean = (0..<output.count).allSatisfy { (0x21...0x7e).contains(output.bytes[$0]) }
                #expect(isClean, "\(variable)")
            }
        }
    }

    @Test(
        arguments: [
            (.path, false, "/a b?c#d%e&f", "/a%20b%3Fc%23d%25e&f"),
            (.path, true, "/a b?c#d%e&f+", "/a%20b%3Fc%23d%25e%26f%2B"),
            (.group(1), true, "a&b=c;d", "a%26b=c%3Bd"), (.group(1), false, "\r\nX: y", "%0D%0AX:%20y"),
            (.target, false, "/a%20b?c=%26&d", "/a%20b?c=%26&d"), (.query, true, "a=%0d%0a&b", "a=%0d%0a&b"),
            (.field([97]), false, "a b\r\nc\u{e9}", "a%20b%0D%0Ac%C3%A9"), (.cookie([97]), true, "x\ty#", "x%09y%23"),
        ] as [(RequestVariable, Bool, String, String)]
    )
    func `escape what would change the address`(
        variable: RequestVariable,
        isInQuery: Bool,
        value: String,
        written: String
    ) {
        var output = ByteBuffer()
        variable.write(Array(value.utf8).span, isInQuery: isInQuery, into: &output)
        var bytes: [UInt8] = []
        for index in 0..<output.count { bytes.append(output.bytes[index]) }
        #expect(String(decoding: bytes, as: UTF8.self) == written)
    }

    @Test func `that name what is declared are the same for all requests of a route`() throws {
        var origin = RouteOrigin()
        (origin.namespace, origin.ingress, origin.service, origin.servicePort) = ("shop", "web", "cart", "http")
        (origin.host, origin.path) = ("*.a.com", "/x")
        let all = try RequestTemplate(
            "$service_name.$namespace.svc:$service_port/$ingress_name$location_path@$server_name"
        )
        #expect(all.text(for: origin) == Array("cart.shop.svc:http/web/x@*.a.com".utf8))
        #expect(try RequestTemplate("plain").text(for: origin) == Array("plain".utf8))
        #expect(try RequestTemplate("a$host").text(for: origin) == nil)
    }
}
