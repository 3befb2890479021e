internal import ByteBuffers
internal import NetworkAddress
internal import Telemetry

extension LogFormatter {
    /// Appends a record as an object whose names are those of nginx's variables; what is not there is left out.
    func appendJSON(_ record: borrowing LogRecord, to buffer: inout ByteBuffer) {
        buffer.append("{\"time\":\"")
        buffer.append(time.iso.bytes)
        buffer.append(".")
        buffer.append(threeDigits: UInt32(record.time.nanoseconds / 1_000_000))
        buffer.append("Z\",\"remote_addr\":\"")
        buffer.append(record.remoteAddress)
        buffer.append("\"")
        append("remote_user", record.remoteUser, to: &buffer)
        append("request_method", record.method, to: &buffer)
        append("request_uri", record.target, to: &buffer)
        append("server_protocol", record.version, to: &buffer)
        append("host", record.host, to: &buffer)
        buffer.append(",\"status\":")
        buffer.append(decimal: Int64(record.status))
        buffer.append(",\"body_bytes_sent\":")
        buffer.append(decimal: record.bodyBytesSent)
        append("http_referer", record.referer, to: &buffer)
        append("http_user_agent", record.userAgent, to: &buffer)
        buffer.append(",\"request_length\":")
        buffer.append(decimal: record.requestLength)
        buffer.append(",\"request_time\":")
        buffer.append(seconds: record.requestTime)
        append("proxy_upstream_name", record.upstreamName, to: &buffer)
        append("proxy_alternative_upstream_name", record.alternativeUpstreamName, to: &buffer)
        buffer.append(",\"upstreams\":[")
        for index in record.attempts.indices {
            if index > 0 { buffer.append(",") }
            append(record.attempts[index], to: &buffer)
        }
        buffer.append("]")
        append("req_id", record.requestID, to: &buffer)
        buffer.append("}\n")
    }

    private func append(_ name: StaticString, _ text: Span<UInt8>?, to buffer: inout ByteBuffer) {
        guard let text, !text.isEmpty else { return }
        buffer.append(",\"")
        buffer.append(name)
        buffer.append("\":\"")
        buffer.append(escapingForJSON: text)
        buffer.append("\"")
    }

    private func append(_ attempt: UpstreamAttempt, to buffer: inout ByteBuffer) {
        buffer.append("{\"addr\":\"")
        buffer.append(attempt.address)
        buffer.append("\",\"response_length\":")
        buffer.append(decimal: attempt.responseLength)
        if attempt.responseTime >= 0 {
            buffer.append(",\"response_time\":")
            buffer.append(seconds: attempt.responseTime)
        }
        if attempt.status != 0 {
            buffer.append(",\"status\":")
            buffer.append(decimal: Int64(attempt.status))
        }
        if let fault = attempt.fault {
            buffer.append(",\"fault\":\"")
            buffer.append(fault.text)
            buffer.append("\"")
        }
        buffer.append("}")
    }
}
