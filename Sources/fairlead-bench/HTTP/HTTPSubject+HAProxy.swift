internal import LabKit

extension HTTPSubject {
    /// HAProxy with hosts in a map, as its documentation advises for many of them.
    func prepareHAProxy(_ setting: Setting, in lab: Lab) throws -> [String] {
        let directory = setting.directory
        let map = try lab.write(
            (0..<setting.hosts).map { "\(Self.host($0)) backend\n" }.joined(),
            to: "haproxy-\(setting.hosts).map"
        )
        let backends = Backend.addresses.enumerated().map { index, address in
            "server backend-\(index) \(address):\(Backend.port) pool-max-conn \(Self.idleUpstreams)"
        }
        let config = try lab.write(
            """
            global
                nbthread 1
                maxconn 9500
                log stdout format raw local0 info
                ssl-default-bind-ciphersuites \(HTTPTools.cipher)
                ssl-default-bind-options ssl-min-ver TLSv1.2
            defaults
                mode http
                log global
                option httplog
                option http-keep-alive
                http-reuse always
                timeout client \(Self.idleSeconds)s
                timeout http-keep-alive \(Self.idleSeconds)s
                timeout server \(Self.idleSeconds)s
                timeout connect 5s
                unique-id-format %{+X}o%ci%cp%fi%fp%Ts%rt%pid
            frontend web
                bind 127.0.0.1:\(plainPort)
                bind 127.0.0.1:\(tlsPort) ssl crt \(directory)/both.pem alpn http/1.1
                unique-id-header X-Request-ID
                http-request set-header X-Real-IP %[src]
                http-request set-header X-Forwarded-For %[src]
                http-request set-header X-Forwarded-Host %[req.hdr(host)]
                http-request set-header X-Forwarded-Port %[dst_port]
                http-request set-header X-Forwarded-Proto https if { ssl_fc }
                http-request set-header X-Forwarded-Proto http if !{ ssl_fc }
                http-request set-header X-Forwarded-Scheme https if { ssl_fc }
                http-request set-header X-Forwarded-Scheme http if !{ ssl_fc }
                http-request set-header X-Scheme https if { ssl_fc }
                http-request set-header X-Scheme http if !{ ssl_fc }
                use_backend %[req.hdr(host),lower,map_str(\(map),nowhere)]
            backend backend
                balance roundrobin
                \(backends.joined(separator: "\n    "))
            backend nowhere
                http-request deny deny_status 404
            frontend statistics
                bind 127.0.0.1:\(statisticsPort)
                stats enable
                stats uri /

            """,
            to: "haproxy-\(setting.hosts).cfg"
        )
        // It writes no files; its output becomes the log.
        let log = "\(directory)/\(rawValue).access"
        return ["sh", "-c", "exec haproxy -db -f \"$0\" >>\"$1\"", config, log]
    }
}
