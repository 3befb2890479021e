internal import HTTPSemantics
internal import KubeConfig

/// Writes a request of HTTP/1.1.
func requestBytes(
    _ method: HTTPMethod,
    _ target: String,
    server: ServerAddress,
    authorization: String?,
    agent: String,
    acceptsGzip: Bool,
    contentType: String? = nil,
    body: [UInt8] = []
) -> [UInt8] {
    var head = "\(method.text) \(server.basePath)\(target) HTTP/1.1\r\nHost: \(server.authority)\r\n"
    head += "User-Agent: \(agent)\r\nAccept: application/json\r\n"
    if acceptsGzip { head += "Accept-Encoding: gzip\r\n" }
    if let authorization { head += "Authorization: \(authorization)\r\n" }
    if let contentType { head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n" }
    head += "\r\n"
    return Array(head.utf8) + body
}
