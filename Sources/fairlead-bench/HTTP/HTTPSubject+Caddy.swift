internal import LabKit

extension HTTPSubject {
    /// Caddy on one processor, with all hosts in one matcher, HTTP/1.1 alone, and its own choices otherwise.
    ///
    /// Its language offers no choice of ciphers for TLS 1.3; where the processor has AES, it takes the one that the
    /// others are told to take.
    func prepareCaddy(_ setting: Setting, in lab: Lab) throws -> [String] {
        let directory = setting.directory
        let hosts = (0..<setting.hosts).map(Self.host).joined(separator: " ")
        let upstreams = Backend.addresses.map { "\($0):\(Backend.port)" }.joined(separator: " ")
        let config = try lab.write(
            """
            {
                admin off
                auto_https off
                default_bind 127.0.0.1
                servers {
                    protocols h1
                    metrics
                    timeouts {
                        idle \(Self.idleSeconds)s
                    }
                }
                log {
                    output discard
                }
            }
            (proxy) {
                log {
                    output file \(directory)/\(rawValue).access {
                        roll_disabled
                    }
                }
                @known host \(hosts)
                reverse_proxy @known \(upstreams) {
                    lb_policy round_robin
                    header_up X-Real-IP {remote_host}
                    header_up X-Request-ID {http.request.uuid}
                    header_up X-Forwarded-Port {http.request.port}
                    header_up X-Forwarded-Scheme {scheme}
                    header_up X-Scheme {scheme}
                    transport http {
                        versions 1.1
                        compression off
                        keepalive \(Self.idleSeconds)s
                        keepalive_idle_conns_per_host \(Self.idleUpstreams)
                    }
                }
            }
            http://:\(plainPort) {
                import proxy
            }
            https://:\(tlsPort) {
                import proxy
                tls \(directory)/cert.pem \(directory)/key.pem
            }
            http://127.0.0.1:\(statisticsPort) {
                metrics /metrics
            }

            """,
            to: "caddy-\(setting.hosts).conf"
        )
        // One processor, as it may use one; and no directory of its own in the home of whoever runs the bench.
        return [
            "env", "GOMAXPROCS=1", "HOME=\(directory)", "XDG_CONFIG_HOME=\(directory)", "XDG_DATA_HOME=\(directory)",
            "caddy", "run", "--adapter", "caddyfile", "--config", config,
        ]
    }
}
