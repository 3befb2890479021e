internal import LinuxSystem

/// Whether others work on the machine too.
extension Machine {
    /// The time of all processors so far, and how much of it went to other machines on the same hardware.
    struct ProcessorTicks {
        var all: UInt64 = 0
        var stolen: UInt64 = 0
    }

    static var processorTicks: ProcessorTicks {
        // proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal.
        let text = (try? readFile(at: "/proc/stat")) ?? ""
        let fields = text.split(separator: "\n").first?.split(separator: " ").dropFirst().prefix(8) ?? []
        let numbers = fields.compactMap { UInt64($0) }
        guard numbers.count == 8 else { return ProcessorTicks() }
        return ProcessorTicks(all: numbers.reduce(0, +), stolen: numbers[7])
    }

    /// A warning when others kept the processors busy in the last minute.
    static var warningOfLoad: String? {
        guard let load = (try? readFile(at: "/proc/loadavg"))?.split(separator: " ").first.flatMap({ Double($0) }),
            load > 1
        else { return nil }
        return "the load of the last minute was \(load) at the beginning: the machine was not quiet"
    }

    /// A warning when other machines took time from this one.
    static func warningOfTheft(since before: ProcessorTicks) -> String? {
        let now = processorTicks
        let share = Double(now.stolen - before.stolen) / Double(max(1, now.all - before.all))
        guard share > 0.02 else { return nil }
        return "other machines took \(Int((share * 100).rounded())) % of the processors' time"
    }
}
