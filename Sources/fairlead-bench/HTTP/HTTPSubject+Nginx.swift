internal import LabKit

extension HTTPSubject {
    /// nginx as ingress-nginx configures it, without what that does in Lua, and with larger buffers for large bodies.
    ///
    /// Its one worker has no master: a master that is killed would leave it behind.
    func prepareNginx(_ setting: Setting, in lab: Lab) throws -> [String] {
        let directory = setting.directory
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { kind in
            "\(kind)_temp_path \(directory)/nginx-\(kind);"
        }
        let backends = Backend.addresses.map { "server \($0):\(Backend.port);" }
        let servers = (0..<setting.hosts).map { number in
            // The options of a port stand where it is named first.
            let options = number == 0 ? (plain: " reuseport", tls: " ssl reuseport") : (plain: "", tls: " ssl")
            return """
                server { listen 127.0.0.1:\(plainPort)\(options.plain); listen 127.0.0.1:\(tlsPort)\(options.tls); \
                server_name \(Self.host(number)); location / { proxy_pass http://backend; } }
                """
        }
        let file = "nginx-\(setting.hosts).conf"
        try lab.write(
            """
            user root; worker_rlimit_nofile 20000; daemon off; master_process off;
            pid \(directory)/nginx.pid; error_log \(directory)/nginx.errors;
            events { worker_connections 16384; }
            http {
                log_format upstreaminfo '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                    '"$http_referer" "$http_user_agent" $request_length $request_time [bench-backend-http] [] '
                    '$upstream_addr $upstream_response_length $upstream_response_time $upstream_status $request_id';
                access_log \(directory)/nginx.access upstreaminfo buffer=64k flush=1s;
                \(temporary.joined(separator: " "))
                tcp_nodelay on;
                keepalive_requests \(Self.requestsPerConnection); keepalive_timeout \(Self.idleSeconds)s;
                client_max_body_size 0;
                server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
                ssl_certificate \(directory)/cert.pem; ssl_certificate_key \(directory)/key.pem;
                ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:bench:10m;
                ssl_conf_command Ciphersuites \(HTTPTools.cipher);
                proxy_http_version 1.1; proxy_buffers 8 128k; proxy_buffer_size 128k; proxy_busy_buffers_size 256k;
                proxy_set_header Connection ""; proxy_set_header Host $http_host;
                proxy_set_header X-Request-ID $request_id; proxy_set_header X-Real-IP $remote_addr;
                proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-Scheme $scheme; proxy_set_header X-Scheme $scheme;
                upstream backend {
                    \(backends.joined(separator: " "))
                    keepalive \(Self.idleUpstreams); keepalive_requests \(Self.requestsPerConnection);
                    keepalive_timeout \(Self.idleSeconds)s;
                }
                \(servers.joined(separator: "\n    "))
                server { listen 127.0.0.1:\(statisticsPort); location / { stub_status; } }
            }

            """,
            to: file
        )
        return ["nginx", "-c", "\(directory)/\(file)", "-p", directory, "-e", "\(directory)/nginx.errors"]
    }
}
