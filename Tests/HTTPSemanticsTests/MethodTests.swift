import HTTPSemantics
import Testing

struct `A method` {
    @Test func `is found by its text, of which the letters' case matters`() {
        for method in HTTPMethod.allCases where method != .other {
            let text = method.text.description
            #expect(HTTPMethod(matching: Array(text.utf8).span) == method)
            #expect(HTTPMethod(matching: Array(text.lowercased().utf8).span) == .other)
            #expect(HTTPMethod(matching: Array((text + "X").utf8).span) == .other)
            #expect(HTTPMethod(matching: Array(text.dropLast().utf8).span) == .other)
        }
        let nothing: [UInt8] = []
        #expect(HTTPMethod(matching: nothing.span) == .other)
    }

    @Test func `is sent again only when it is idempotent`() {
        let idempotent = HTTPMethod.allCases.filter(\.isIdempotent)
        #expect(idempotent == [.get, .head, .put, .delete, .options, .trace])
    }

    @Test func `is safe when it only reads`() {
        #expect(HTTPMethod.allCases.filter(\.isSafe) == [.get, .head, .options, .trace])
    }
}

struct `A status` {
    @Test(arguments: [
        (200, "OK"), (100, "Continue"), (308, "Permanent Redirect"), (413, "Content Too Large"),
        (431, "Request Header Fields Too Large"),
        (499, "Client Closed Request"), (511, "Network Authentication Required"), (299, "Unknown"), (999, "Unknown"),
    ])
    func `has a reason phrase`(number: UInt16, reason: String) {
        #expect(HTTPStatus(rawValue: number).reason.description == reason)
    }

    @Test func `says what kind of answer it is`() {
        #expect(HTTPStatus.continue.isInterim && !HTTPStatus.ok.isInterim)
        #expect(HTTPStatus.found.isRedirection && !HTTPStatus.badRequest.isRedirection)
        #expect(HTTPStatus.badRequest.isError && HTTPStatus.badGateway.isError && !HTTPStatus.notModified.isError)
        let without = [HTTPStatus.continue, .noContent, .notModified, .ok, .notFound].filter { !$0.allowsBody }
        #expect(without == [.continue, .noContent, .notModified])
    }
}
