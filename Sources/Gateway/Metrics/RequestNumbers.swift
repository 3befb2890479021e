package import HTTPSemantics

/// What the metrics of a route take from an exchange.
package struct RequestNumbers: BitwiseCopyable, Sendable {
    /// The route; requests that found none belong to no route's metrics.
    package var route: RouteID
    /// The method.
    package var method: HTTPMethod
    /// The status that was sent.
    package var status: UInt16
    /// The microseconds from the first byte of the request to the last of the answer.
    package var duration: UInt64
    /// The microseconds until the endpoint was connected; nil when none was.
    package var connectDuration: UInt64?
    /// The microseconds until the head of the endpoint's answer was there.
    package var headerDuration: UInt64?
    /// The microseconds until the endpoint's answer was complete.
    package var responseDuration: UInt64?
    /// The bytes of the request, its head among them.
    package var requestBytes: UInt64
    /// The bytes of the answer, its head among them.
    package var responseBytes: UInt64

    /// Describes an exchange.
    package init(
        route: RouteID,
        method: HTTPMethod,
        status: UInt16,
        duration: UInt64,
        connectDuration: UInt64? = nil,
        headerDuration: UInt64? = nil,
        responseDuration: UInt64? = nil,
        requestBytes: UInt64,
        responseBytes: UInt64
    ) {
        self.route = route
        self.method = method
        self.status = status
        self.duration = duration
        self.connectDuration = connectDuration
        self.headerDuration = headerDuration
        self.responseDuration = responseDuration
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
    }
}

/// What is counted for the requests of a route that share method and status.
struct RequestSeries: Sendable {
    let method: HTTPMethod
    let status: UInt16
    /// The next series of the route, or the next free one; negative at the end.
    var next: Int32

    var requests: UInt64 = 0
    var duration = DurationHistogram()
    var connectDuration = DurationHistogram()
    var headerDuration = DurationHistogram()
    var responseDuration = DurationHistogram()
    var requestSize = SizeHistogram()
    var responseSize = SizeHistogram()

    init(method: HTTPMethod, status: UInt16, next: Int32) {
        self.method = method
        self.status = status
        self.next = next
    }

    mutating func count(_ numbers: RequestNumbers) {
        requests &+= 1
        duration.observe(microseconds: numbers.duration)
        if let time = numbers.connectDuration { connectDuration.observe(microseconds: time) }
        if let time = numbers.headerDuration { headerDuration.observe(microseconds: time) }
        if let time = numbers.responseDuration { responseDuration.observe(microseconds: time) }
        requestSize.observe(bytes: numbers.requestBytes)
        responseSize.observe(bytes: numbers.responseBytes)
    }

    mutating func add(_ other: RequestSeries) {
        requests &+= other.requests
        duration.add(other.duration)
        connectDuration.add(other.connectDuration)
        headerDuration.add(other.headerDuration)
        responseDuration.add(other.responseDuration)
        requestSize.add(other.requestSize)
        responseSize.add(other.responseSize)
    }
}
