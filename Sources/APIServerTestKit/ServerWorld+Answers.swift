internal import Compression

/// What a connection is to send.
struct ServedAnswer {
    var bytes: [UInt8] = []
    var watch: ServedWatch?
    var closes = false
    var bytesMax: Int?
    var endsWithReset = false
    var isSilent = false
}

extension ServerWorld {
    /// Answers a request, well or as a fault wants it.
    mutating func answer(_ request: ServerRequest, isGzipTaken: Bool) -> ServedAnswer {
        requests.append(request)
        let fault = takeFault(for: request)
        switch fault {
        case .answer(let status, let fields, let body)?: return plain(status, fields: fields, body: body)
        case .silence?: return ServedAnswer(isSilent: true)
        case .body(let body)?:
            var answer = ServedAnswer()
            answer.bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            answer.bytes += chunks(Array(body.utf8)) + Array("0\r\n\r\n".utf8)
            return answer
        case .cut(let count)?:
            var answer = rightAnswer(to: request, isGzipTaken: isGzipTaken)
            answer.bytesMax = count
            return answer
        case .reset(let count)?:
            var answer = rightAnswer(to: request, isGzipTaken: isGzipTaken)
            answer.bytesMax = count
            answer.endsWithReset = true
            return answer
        case nil: return rightAnswer(to: request, isGzipTaken: isGzipTaken)
        }
    }

    private mutating func takeFault(for request: ServerRequest) -> ServerFault.Kind? {
        let fits = faults.firstIndex { fault in
            (fault.collection.map { request.path.hasSuffix($0) } ?? true)
                && (fault.isWatch.map { $0 == request.isWatch } ?? true)
        }
        guard let fits else { return nil }
        if faults[fits].skipped > 0 {
            faults[fits].skipped -= 1
            return nil
        }
        return faults.remove(at: fits).kind
    }

    private mutating func rightAnswer(to request: ServerRequest, isGzipTaken: Bool) -> ServedAnswer {
        if let tokens = behaviour.tokens {
            let shown = request.fields["authorization"]?.dropFirst("Bearer ".count)
            guard let shown, tokens.contains(String(shown)) else {
                return status(401, reason: "Unauthorized", "Unauthorized")
            }
        }
        if let answer = answerAboutLease(request) { return answer }
        guard request.method == "GET" else { return plain(201, body: request.body.isEmpty ? "{}" : request.body) }
        let (collection, namespace) = Self.collection(of: request.path)
        if behaviour.unknownCollections.contains(collection) {
            return status(404, reason: "NotFound", "the server could not find the requested resource")
        }
        for field in behaviour.unknownFields where request.query["fieldSelector"]?.contains(field) == true {
            return status(400, reason: "BadRequest", "field label not supported: \(field)")
        }
        if let field = request.query["fieldSelector"], behaviour.forbiddenFields.contains(field) {
            let resource = collection.split(separator: "/").last ?? ""
            let place = namespace.map { "in the namespace '\($0)'" } ?? "at the cluster scope"
            let verb = request.isWatch ? "watch" : "list"
            return status(403, reason: "Forbidden", "\(resource) is forbidden: nobody may \(verb) \(resource) \(place)")
        }
        let selector = ObjectSelector(
            namespace: namespace,
            labels: request.query["labelSelector"],
            fields: request.query["fieldSelector"]
        )
        return request.isWatch
            ? watch(collection, selector, request.query)
            : list(collection, selector, request.query, isGzipTaken: isGzipTaken)
    }

    /// The collection of all namespaces that a path belongs to, and the namespace in the path.
    private static func collection(of path: String) -> (String, namespace: String?) {
        let parts = path.split(separator: "/")
        guard let index = parts.firstIndex(of: "namespaces"), parts.count > index + 2 else { return (path, nil) }
        let rest = parts[..<index] + parts[(index + 2)...]
        return ("/" + rest.joined(separator: "/"), String(parts[index + 1]))
    }

    // MARK: - Lists

    private mutating func list(
        _ collection: String,
        _ selector: ObjectSelector,
        _ query: [String: String],
        isGzipTaken: Bool
    ) -> ServedAnswer {
        var rest: Pages
        if let token = query["continue"] {
            guard let found = pages.removeValue(forKey: token) else {
                return status(410, reason: "Expired", "The provided continue parameter is too old")
            }
            rest = found
        } else {
            rest = Pages(objects: objects(collection, selector), version: version)
        }
        // As the watch cache of a real server does, a list of any version comes in one piece.
        let limit = query["resourceVersion"] == "0" ? Int.max : query["limit"].flatMap(Int.init) ?? .max
        let page = rest.objects.prefix(limit)
        var metadata = #""resourceVersion":"\#(rest.version)""#
        if page.count < rest.objects.count {
            let token = "page-\(collection)-\(pages.count)-\(rest.objects.count)"
            pages[token] = Pages(objects: Array(rest.objects.dropFirst(page.count)), version: rest.version)
            metadata += #","continue":"\#(token)","remainingItemCount":\#(rest.objects.count - page.count)"#
        }
        var body = #"{"kind":"List","apiVersion":"v1","metadata":{\#(metadata)},"items":"#
        if page.isEmpty, behaviour.printsNullLists {
            body += "null}\n"
        } else {
            body += "[" + page.map { $0.object.text(version: $0.version) }.joined(separator: ",") + "]}\n"
        }
        var bytes = Array(body.utf8)
        var head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        if isGzipTaken, behaviour.compresses, let compressed = gzip(bytes) {
            bytes = compressed
            head += "Content-Encoding: gzip\r\n"
        }
        return ServedAnswer(bytes: Array((head + "\r\n").utf8) + chunks(bytes) + Array("0\r\n\r\n".utf8))
    }

    // MARK: - Watches

    private mutating func watch(
        _ collection: String,
        _ selector: ObjectSelector,
        _ query: [String: String]
    ) -> ServedAnswer {
        var watch = ServedWatch(
            collection: collection,
            selector: selector,
            version: version,
            bookmarks: bookmarks,
            ends: watchEnds,
            sendsBookmarks: query["allowWatchBookmarks"] == "true"
        )
        var first = ""
        if query["sendInitialEvents"] == "true", behaviour.watchList == .refused {
            return status(422, reason: "Invalid", "sendInitialEvents is forbidden")
        }
        if let text = query["resourceVersion"], text != "0", let from = UInt64(text) {
            if from < compacted {
                // Real servers say it in an event once the watch has begun.
                let gone = #"{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}"#
                watch.lastWords = event("ERROR", gone)
            } else if from > version {
                return status(504, reason: "Timeout", "Too large resource version: \(from), current: \(version)")
            }
            watch.version = from
        } else {
            for (object, version) in objects(collection, selector) {
                first += event("ADDED", object.text(version: version))
            }
            if query["sendInitialEvents"] == "true", behaviour.watchList == .supported {
                first += bookmark(endsInitialEvents: true)
            }
        }
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        return ServedAnswer(bytes: Array(head.utf8) + chunks(Array(first.utf8)), watch: watch)
    }

    // MARK: - Forms

    func status(_ code: Int, reason: String, _ message: String) -> ServedAnswer {
        plain(
            code,
            body: #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","#
                + #""reason":"\#(reason)","code":\#(code)}"#
        )
    }

    func plain(_ code: Int, fields: [String] = [], body: String) -> ServedAnswer {
        var head = "HTTP/1.1 \(code) Status\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        for field in fields { head += "\(field)\r\n" }
        return ServedAnswer(bytes: Array((head + "\r\n" + body).utf8))
    }

    /// The bytes in chunks of the size that the behaviour asks for.
    func chunks(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: behaviour.chunkBytes) {
            let chunk = bytes[start..<min(start + behaviour.chunkBytes, bytes.count)]
            result += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10]
        }
        return result
    }
}
