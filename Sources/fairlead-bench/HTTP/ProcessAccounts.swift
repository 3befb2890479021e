internal import LinuxSystem

/// What the kernel keeps account of for a process and those that it started.
struct ProcessAccounts {
    /// Time on a processor, and time spent waiting for one.
    struct Times {
        var running: UInt64 = 0
        var waiting: UInt64 = 0

        static func - (left: Times, right: Times) -> Times {
            Times(running: left.running &- right.running, waiting: left.waiting &- right.waiting)
        }
    }

    private let pids: [Int32]

    /// Names a process and all that it and its children have started; what they start later is left out.
    init(of pid: Int32) throws {
        var children: [Int32: [Int32]] = [:]
        for name in try directoryEntries(at: "/proc") {
            // proc_pid_stat(5): the parent is the second field behind the name. Others may end meanwhile.
            guard let number = Int32(name), let status = try? readFile(at: "/proc/\(number)/stat"),
                let nameEnd = status.lastIndex(of: ")"),
                case let fields = status[status.index(after: nameEnd)...].split(separator: " "), fields.count > 1,
                let parent = Int32(fields[1])
            else { continue }
            children[parent, default: []].append(number)
        }
        var pids = [pid]
        var next = 0
        while next < pids.count {
            pids += children[pids[next]] ?? []
            next += 1
        }
        self.pids = pids
    }

    /// The time of all threads by the scheduler's own accounts, in nanoseconds.
    func times() throws -> Times {
        var times = Times()
        for pid in pids {
            for task in try directoryEntries(at: "/proc/\(pid)/task") {
                let text = try readFile(at: "/proc/\(pid)/task/\(task)/schedstat")
                let numbers = text.split(whereSeparator: \.isWhitespace)
                guard numbers.count == 3, let running = UInt64(numbers[0]), let waiting = UInt64(numbers[1])
                else { throw Errno.invalidArgument }
                times.running += running
                times.waiting += waiting
            }
        }
        return times
    }

    /// The number of open descriptors.
    func descriptorCount() throws -> Int {
        var count = 0
        for pid in pids { count += try directoryEntries(at: "/proc/\(pid)/fd").count }
        return count
    }

    /// Whether none of the processes is left.
    var areClosed: Bool { pids.allSatisfy { (try? FileStatus(ofFileAt: "/proc/\($0)")) == nil } }

    /// The memory in RAM that belongs to no file, in bytes.
    func anonymousBytes() throws -> Int { try total("RssAnon:") }

    /// The memory in RAM, in bytes.
    func residentBytes() throws -> Int { try total("VmRSS:") }

    private func total(_ field: String) throws -> Int {
        var kibibytes = 0
        for pid in pids {
            let lines = try readFile(at: "/proc/\(pid)/status").split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix(field) }), let number = Int(line.filter(\.isNumber))
            else { throw Errno.invalidArgument }
            kibibytes += number
        }
        return kibibytes * 1024
    }
}
