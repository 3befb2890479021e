import Gateway
import Testing

struct `A request that is to be explained` {
    @Test(arguments: [
        ("host=foo.com&path=/a", "foo.com", "/a"), ("path=/a&host=foo.com", "foo.com", "/a"),
        ("host=FOO.com.", "foo.com", "/"), ("host=foo.com:8080", "foo.com", "/"), ("path=a", "", "/a"),
        ("host=[::1]:80", "[::1]", "/"), ("host=foo.com&path=/a//b/../c", "foo.com", "/a/c"),
        ("host=foo.com&path=/%61%20b", "foo.com", "/a b"), ("host=foo.com&path=/a?x=1", "foo.com", "/a"),
    ])
    func `is read from a query`(query: String, host: String, path: String) throws {
        let request = try #require(ExplainedRequest(query: query))
        #expect(request.host == host)
        #expect(request.normalisedPath == Array(path.utf8))
    }

    @Test(arguments: ["", "host", "port=80", "host=a&host=b", "host=a&x=y"])
    func `is not guessed`(query: String) {
        #expect(ExplainedRequest(query: query) == nil)
    }

    @Test(arguments: ["path=/..", "path=/%00", "path=/%zz"])
    func `may be one that workers refuse`(query: String) throws {
        #expect(try #require(ExplainedRequest(query: query)).normalisedPath == nil)
    }
}
