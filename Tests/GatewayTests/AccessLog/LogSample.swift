import ByteBuffers
import Gateway
import NetworkAddress
import Telemetry

/// An exchange as the access log's tests describe it, with texts that may hold any bytes.
struct LogSample {
    var method = Array("GET".utf8)
    var target = Array("/a?b=c".utf8)
    var version = Array("HTTP/1.1".utf8)
    var host: [UInt8]? = Array("shop.example".utf8)
    var remoteUser: [UInt8]?
    var referer: [UInt8]?
    var userAgent: [UInt8]? = Array("curl/8.0".utf8)
    var upstreamName = "default-web-80"
    var alternativeUpstreamName = ""
    var requestID: [UInt8]? = Array("0123456789abcdef0123456789abcdef".utf8)
    var attempts = [attempt("10.0.0.1:8080", 12, 3, 200)]
    var time = WallTime(seconds: 1_795_255_200, nanoseconds: 7_900_000)
    var remoteAddress = "192.0.2.7"
    var status: UInt16 = 200
    var bodyBytesSent: Int64 = 12
    var requestLength: Int64 = 78
    var requestTime: Int64 = 4

    static func attempt(_ address: String, _ length: Int64, _ time: Int64, _ status: UInt16) -> UpstreamAttempt {
        guard let address = TransportAddress(parsing: address) else { fatalError("\(address) is no address") }
        return UpstreamAttempt(address, responseLength: length, responseTime: time, status: status)
    }

    /// The bytes that a formatter makes of it.
    func bytes(_ format: AccessLogFormat) -> [UInt8] {
        var formatter = LogFormatter(format)
        var buffer = ByteBuffer()
        append(with: &formatter, to: &buffer)
        return array(buffer.bytes)
    }

    /// The text that a formatter makes of it.
    func line(_ format: AccessLogFormat) -> String { String(decoding: bytes(format), as: UTF8.self) }

    func append(with formatter: inout LogFormatter, to buffer: inout ByteBuffer) {
        let upstreamName = Array(upstreamName.utf8)
        let alternativeUpstreamName = Array(alternativeUpstreamName.utf8)
        var record = LogRecord(
            method: method.span,
            target: target.span,
            version: version.span,
            host: host?.span,
            remoteUser: remoteUser?.span,
            referer: referer?.span,
            userAgent: userAgent?.span,
            upstreamName: upstreamName.span,
            alternativeUpstreamName: alternativeUpstreamName.span,
            requestID: requestID?.span,
            attempts: attempts.span
        )
        record.time = time
        record.remoteAddress = IPAddress(parsing: remoteAddress) ?? IPAddress(ipv4: 0)
        record.status = status
        record.bodyBytesSent = bodyBytesSent
        record.requestLength = requestLength
        record.requestTime = requestTime
        formatter.append(record, to: &buffer)
    }
}

/// A copy of lent bytes.
func array(_ bytes: Span<UInt8>) -> [UInt8] { bytes.indices.map { bytes[$0] } }
