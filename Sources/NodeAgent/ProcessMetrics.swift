internal import LinuxSystem
internal import Telemetry

/// What the process uses, under the names that Prometheus' client libraries have agreed on.
enum ProcessMetrics {
    /// Reads them now; none when `/proc` cannot be read, as the rest of a scrape is worth having.
    static func read() -> [CollectedMetric] {
        guard let usage = try? ProcessUsage() else { return [] }
        var metrics = [
            CollectedMetric(
                .counter,
                "process_cpu_seconds_total",
                "Time on processors, of the process and of the kernel for it.",
                usage.processorSeconds
            ),
            CollectedMetric(.gauge, "process_open_fds", "Open file descriptors.", Double(usage.openDescriptors)),
            CollectedMetric(
                .gauge,
                "process_resident_memory_bytes",
                "Memory in RAM.",
                Double(usage.residentBytes)
            ),
            CollectedMetric(.gauge, "process_virtual_memory_bytes", "Address space.", Double(usage.virtualBytes)),
            CollectedMetric(
                .gauge,
                "process_start_time_seconds",
                "When the process began, in seconds since 1970.",
                usage.startSeconds
            ),
        ]
        if let limit = usage.descriptorsMax {
            metrics.append(
                CollectedMetric(.gauge, "process_max_fds", "File descriptors that may be open.", Double(limit))
            )
        }
        return metrics
    }
}
