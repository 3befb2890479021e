internal import LabKit

extension HTTPSubject {
    /// Varnish as a proxy alone: every request is passed on and nothing is kept.
    ///
    /// Its log lives in memory that it shares; `varnishncsa`, which writes it down as in production, counts as well.
    func prepareVarnish(_ setting: Setting, in lab: Lab) throws -> [String] {
        let directory = setting.directory
        let backends = Backend.addresses.enumerated().map { index, address in
            "backend backend\(index) { .host = \"\(address)\"; .port = \"\(Backend.port)\"; }"
        }
        let members = Backend.addresses.indices.map { "pool.add_backend(backend\($0));" }
        let config = try lab.write(
            """
            vcl 4.1;
            import directors;
            \(backends.joined(separator: "\n"))
            sub vcl_init {
                new pool = directors.round_robin();
                \(members.joined(separator: "\n    "))
            }
            sub vcl_recv {
                if (req.http.host != "\(Self.host(0))") { return (synth(404)); }
                set req.backend_hint = pool.backend();
                set req.http.X-Request-ID = req.xid;
                set req.http.X-Real-IP = client.ip;
                set req.http.X-Forwarded-For = client.ip;
                set req.http.X-Forwarded-Host = req.http.host;
                set req.http.X-Forwarded-Port = "\(plainPort)";
                set req.http.X-Forwarded-Proto = "http";
                set req.http.X-Forwarded-Scheme = "http";
                set req.http.X-Scheme = "http";
                return (pass);
            }

            """,
            to: "varnish.vcl"
        )
        // Each ends with the shell, however that ends.
        let script = """
            setpriv --pdeathsig KILL -- varnishd -F -j none -f "$0" -n "$1/varnish" -a 127.0.0.1:\(plainPort) -T none \
            -s malloc,64m -p thread_pools=1 -p thread_pool_min=100 -p thread_pool_max=2000 \
            -p timeout_idle=\(Self.idleSeconds) -p backend_idle_timeout=\(Self.idleSeconds) -p http_gzip_support=off &
            server=$!
            setpriv --pdeathsig KILL -- varnishncsa -n "$1/varnish" -t 60 -a -w "$2" &
            log=$!
            trap 'kill $log $server; wait $server; exit 0' TERM
            wait $server
            """
        return ["sh", "-c", script, config, directory, "\(directory)/\(rawValue).access"]
    }
}
