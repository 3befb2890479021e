import ByteBuffers
import Gateway
import Testing

struct `The remote user of a log line` {
    @Test(arguments: [
        ("Basic YWxpY2U6c2VjcmV0", "alice"), ("basic YWxpY2U6c2VjcmV0", "alice"), ("BASIC   YWxpY2U6c2VjcmV0", "alice"),
        // A password may hold colons, a name may hold anything else.
        ("Basic YTpiOmM=", "a"), ("Basic w6Q6", "ä"), ("Basic Ig86", "\"\u{f}"),
        // The alphabet of URLs.
        ("Basic fn8_fjo=", "~\u{7f}?~"),
    ])
    func `is the name in front of the first colon`(value: String, name: String) {
        #expect(user(value) == Array(name.utf8))
    }

    @Test(arguments: [
        // No colon, so that it may be the password itself.
        "Basic c2VjcmV0", "Basic ", "Basic", "", "Basic OnNlY3JldA==", "Bearer YWxpY2U6c2VjcmV0", "Basic\tYWxpY2U6",
        "BasicYWxpY2U6c2VjcmV0", "Basic !YWxpY2U6", "Basic YWx!pY2U6c2VjcmV0",
    ])
    func `is nothing where there is no name to be read`(value: String) {
        #expect(user(value) == [])
    }

    @Test func `stands behind what the buffer holds`() {
        var buffer = ByteBuffer()
        buffer.append("before ")
        buffer.append(userOfBasic: Array("Basic YWxpY2U6c2VjcmV0".utf8).span)
        buffer.append(userOfBasic: Array("Basic c2VjcmV0".utf8).span)
        let text = array(buffer.bytes)
        #expect(text == Array("before alice".utf8))
    }

    private func user(_ value: String) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.append(userOfBasic: Array(value.utf8).span)
        return array(buffer.bytes)
    }
}
