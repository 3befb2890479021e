internal import KubernetesAPI
internal import LinuxSystem

extension ManifestDirectory {
    /// Looks at a file and reads it if it may have changed.
    func lookAt(_ path: String, isForced: Bool, at time: ContinuousClock.Instant) {
        let (folder, name) = split(path)
        guard let format = ManifestFormat(fileName: name) else { return }
        if name.unicodeScalars.contains("\u{FFFD}") {
            noteUnusable(path, "its name is not UTF-8; rename it", nil)
            return
        }
        if !isForced, let known = files[folder]?[name]?.signature,
            let status = try? FileStatus(ofFileAt: fullPath(path)), FileSignature(status) == known
        {
            return
        }
        switch ManifestFileReading(path: fullPath(path), bytesMax: limits.fileBytesMax) {
        case .absent: forget(path)
        case .unusable(let reason, let signature): noteUnusable(path, reason, signature)
        case .contents(let bytes, let signature, let isSteady):
            if !isSteady {
                looks[path] = Look(time: time + limits.quietWait, isForced: true)
                // What was read may be half of two versions. Without an earlier one it is still better than nothing.
                guard claims.objects(in: path).isEmpty else { return }
            }
            files[folder, default: [:]][name] = KnownFile(signature: isSteady ? signature : nil)
            take(ManifestContents(of: bytes, format: format, name: path, decoder: decoder), from: path)
            bytesRead += bytes.count
        }
    }

    /// Puts what a file holds in place of what it held.
    private func take(_ contents: ManifestContents, from path: String) {
        let decoded = contents.decoded
        var objects = decoded.objects
        var syntaxProblems = contents.syntaxProblems
        if !syntaxProblems.isEmpty {
            // Nobody knows what stands in the broken part, so what is seen nowhere else may stand there.
            let seen = Set(objects.map(\.reference)).union(decoded.leftOut)
            let kept = claims.objects(in: path).filter { !seen.contains($0.reference) }
            objects += kept
            for index in syntaxProblems.indices { syntaxProblems[index].message += Self.keeping(kept.count) }
        }
        claims.replace(path, with: objects)
        report(path, problems: syntaxProblems + decoded.problems, notices: decoded.notices)
    }

    private func noteUnusable(_ path: String, _ reason: String, _ signature: FileSignature?) {
        let (folder, name) = split(path)
        files[folder, default: [:]][name] = KnownFile(signature: signature)
        let message = "the file cannot be read: \(reason)\(Self.keeping(claims.objects(in: path).count))"
        report(path, problems: [ObjectProblem(origin: path, message: message)], notices: [])
    }

    /// Takes away what a file gave, unless it is gone with the whole directory.
    private func forget(_ path: String) {
        guard let attached, directoryAtRoot() == attached else {
            isRootSuspect = true
            return
        }
        let (folder, name) = split(path)
        files[folder]?[name] = nil
        if files[folder]?.isEmpty == true { files[folder] = nil }
        polledLinks.remove(path)
        claims.replace(path, with: [])
        reports.report(.file(path))
    }

    /// Reports on a file, at a length that a log can bear.
    private func report(_ path: String, problems: [ObjectProblem], notices: [ObjectNotice]) {
        var problems = problems
        var notices = notices
        let most = ManifestLimits.reportsPerFileMax
        if problems.count > most {
            let message = "there are \(problems.count - most) more problems in this file"
            problems.replaceSubrange(most..., with: [ObjectProblem(origin: path, message: message)])
        }
        if notices.count > most {
            let message = "\(notices.count - most) more documents of this file are passed over"
            notices.replaceSubrange(most..., with: [ObjectNotice(origin: path, message: message)])
        }
        reports.report(.file(path), problems: problems, notices: notices)
    }

    private static func keeping(_ count: Int) -> String {
        switch count {
        case 0: ""
        case 1: "; the object that the file gave before is kept until it can be read"
        default: "; the \(count) objects that the file gave before are kept until it can be read"
        }
    }

    private func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}
