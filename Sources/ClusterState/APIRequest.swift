/// Something that an API server is to be told or asked once, such as to take an Event or the status of an Ingress.
package struct APIRequest: Hashable, Sendable {
    /// What is done to the resource.
    package enum Method: Hashable, Sendable {
        case get
        /// Creates an object.
        case post
        /// Replaces an object.
        case put
        /// Changes parts of an object, as `application/merge-patch+json` says.
        case mergePatch
        /// Changes parts of an object, as `application/strategic-merge-patch+json` says.
        case strategicMergePatch
        case delete
    }

    /// What is done.
    package var method: Method
    /// The path and query, such as `/api/v1/namespaces/default/events`.
    package var target: String
    /// The object or the patch, as JSON; empty for none.
    package var body: String

    /// Creates a request.
    package init(_ method: Method, _ target: String, body: String = "") {
        self.method = method
        self.target = target
        self.body = body
    }
}

/// How a request went.
package struct APIResult: Hashable, Sendable {
    /// What the server answered.
    package struct Answer: Hashable, Sendable {
        /// The status code, such as 201, 404 or 409.
        package let status: Int
        /// The object, or the `Status` that tells what is wrong; as JSON.
        package let body: [UInt8]
    }

    /// Why there is no answer.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The reason, for a log line.
        package let description: String
    }

    /// The number that `enqueue` gave.
    package let id: UInt64
    /// The answer, or why there is none; a request without an answer may have been obeyed all the same.
    package let outcome: Result<Answer, Failure>
}

/// How many requests a source sends.
package struct APIRequestLimits: Hashable, Sendable {
    /// Requests in a second, in the long run.
    package var perSecond = 5.0
    /// Requests at once after a pause.
    package var burst = 10
    /// Requests that may wait; more are refused.
    package var waitingMax = 1000

    /// Creates limits: those of kube-proxy's client by default.
    package init() {}
}
