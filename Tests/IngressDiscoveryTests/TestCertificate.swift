import KubernetesAPI

/// A certificate and its key as PEM, made for tests alone and trusted by nobody.
struct TestCertificate {
    let chain: String
    let key: String

    /// A Secret that holds both.
    func secret(_ name: String) -> KubernetesObject {
        .secret(
            Secret(
                metadata: ObjectMetadata(namespace: "demo", name: name),
                type: "kubernetes.io/tls",
                values: [.certificate: Array(chain.utf8), .privateKey: Array(key.utf8)]
            )
        )
    }

    /// For foo.com and *.foo.com, with an ECDSA key.
    static let foo = TestCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIBlDCCATqgAwIBAgIUXZJknWv7UHy9RB3Z5gBvR5EGXiEwCgYIKoZIzj0EAwIw
            DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEwNjQzNThaGA8yMTI2MTAyODA2NDM1
            OFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJ+B
            En6FVJXLzJ/zLDR+mkw58gFMFx60/IL0brT1x/x5+CsirIaWsS4WUNhdotQo4UOC
            zv/GT/ENibLjbljoDEejcjBwMB0GA1UdDgQWBBSMvJOkpfNk1ioJDKMyvJ0eNMdJ
            6DAfBgNVHSMEGDAWgBSMvJOkpfNk1ioJDKMyvJ0eNMdJ6DAPBgNVHRMBAf8EBTAD
            AQH/MB0GA1UdEQQWMBSCB2Zvby5jb22CCSouZm9vLmNvbTAKBggqhkjOPQQDAgNI
            ADBFAiEAuy/DGZGeGp2UOqJVxvbsD1lK4gKRpdLiMzRa8kDlPVUCIDTUrpfaPEYu
            zfMOvVlIXTWLDIC0eEjxHaiKZAnrV4z8
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpdTliWWfgBE3knk0
            IJ1pmovfHAvI5mUJ1bNmSod3y9WhRANCAASfgRJ+hVSVy8yf8yw0fppMOfIBTBce
            tPyC9G609cf8efgrIqyGlrEuFlDYXaLUKOFDgs7/xk/xDYmy425Y6AxH
            -----END PRIVATE KEY-----
            """
    )

    /// For foo.com and *.foo.com, with an RSA key.
    static let fooRSA = TestCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIDIDCCAgigAwIBAgIUXx/PYksQU9YU1t0h0ZHWnzUW3iQwDQYJKoZIhvcNAQEL
            BQAwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEwNjQzNTlaGA8yMTI2MTAyODA2
            NDM1OVowDzENMAsGA1UEAwwEdGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC
            AQoCggEBAKcG1NimKhlFonHRTOUCOxZX03bhTtW1ZwXkCfrhTFbqFZQavNu9kCYm
            2KE4mIszkRVz38/dWcDrTjvFboVLX290SRRw0eV4boOMXIIFfcRXVKZqGKuAwhvL
            fsJ7S0uuqUtvGKE4DjtY2NSqvaSWxzyVVB8O27UNy6valtuu4NJjYqYO4IZ36P63
            3MGDF7K9AzFUiDkPmryZSBlft7G3Qjwb1Lxp+zP/173f8KpsDgmH9ZDWR8lvxRMx
            x+c3BuZfvNhUrnlEKqgVja9a5AbNcBDjYetd3xmzfPMWDriCXrVsMerAHJiRWjNS
            OZMz8D/HmYWFZg6LdvJonqoemQYAf4kCAwEAAaNyMHAwHQYDVR0OBBYEFOt5A1FZ
            eWsac+H+G87gO8z8CUYpMB8GA1UdIwQYMBaAFOt5A1FZeWsac+H+G87gO8z8CUYp
            MA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0RBBYwFIIHZm9vLmNvbYIJKi5mb28uY29t
            MA0GCSqGSIb3DQEBCwUAA4IBAQCeZRPSwQfPOZ6WoeWDHioDv3hyhDmEEfkqXzwP
            ELF5hTOJUXSIeULMPneWGM6O52gRx4i3UBULeTA8PcGGPX59ESUf0v8bJ7V4VqpY
            KeraT0A28M1GyuIBlHYye/3rimSnYIx/m8aoobINFHlcVxAAz4549vopGpzjhgXh
            4cNBC7wy3ny1KapU2tJA02fdLyzuBTRYpxO1D8T8eZSPG9ILnaUPrU0nZJBBCfGG
            si7Yb6qcvqDDEPvHl6E4uEwUVFWAOZe/lI6YKN3Nnn3/pnc/BSfXszW+U97C7/Ei
            m4iYMxS9sTMzNJOtj0+2L5TKLFXUmLSUzc75nB7lZwcOlWMl
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCnBtTYpioZRaJx
            0UzlAjsWV9N24U7VtWcF5An64UxW6hWUGrzbvZAmJtihOJiLM5EVc9/P3VnA6047
            xW6FS19vdEkUcNHleG6DjFyCBX3EV1SmahirgMIby37Ce0tLrqlLbxihOA47WNjU
            qr2klsc8lVQfDtu1Dcur2pbbruDSY2KmDuCGd+j+t9zBgxeyvQMxVIg5D5q8mUgZ
            X7ext0I8G9S8afsz/9e93/CqbA4Jh/WQ1kfJb8UTMcfnNwbmX7zYVK55RCqoFY2v
            WuQGzXAQ42HrXd8Zs3zzFg64gl61bDHqwByYkVozUjmTM/A/x5mFhWYOi3byaJ6q
            HpkGAH+JAgMBAAECggEABgabsXS+NlLyLz3EMstjrxTMUODER7a/kKF3YDUWXFjd
            3i3gRCO4wn2aiWd5rmT1/iKD77N+SFTc6dBfwkCTwPk+pTWERw1zHD0ZPcodrVKS
            v926Rd6zcg4DhNfuoZx7qFhp2LAlaEv2Z6bAyII1jiibhDLUp5mnsEumr2aF3yUu
            lnOaCUM6LYHeC5bElvjDmECNZLV2YAj8B5C17Tyx7i7wfnf8T6nH4kUTH7zaRlKw
            G09xVyaAwz+LPnahtoBN7p1xc7LeYIULg1qeIDohiJqh7y3TVRfB7oe9ETpRQw6L
            PNjmArHopn+7AYd4MLgr6r/p/LiobxAmU0oFnU5X8QKBgQDThmsY2C6qI/JkyG3k
            IrLYLe8UVh65iQzz3/M5HD+mgVFfy6BZFFgMSjShV+OcEFYsPckk4krKs21+LNTu
            jC0Z9/S55IG3t0F+3ccn4B96rfy5WemlbUGaCeqb+K2cVlFsJS4PgtwYxU0aboSP
            ThmhrVQLIL3rgzGUPubRyrdvcQKBgQDKJTxoKEhAHWwteMV+FVBIHDBJueTI1wsY
            3w6Kax50J7p7EWhHQJMDvDeXEvqQg8MSC0YgTssDCS6glwgdLuZgyLQTschozVmc
            MdT43nJTV7QoeToG3/ytYPu+OEjiU26ZSHIBAIyaGj4SuzqfRpu5BvHeFonso/Lo
            bW1Nk9S1mQKBgHl04oP2hfz9/Q3vpGHtpqHI5lHYDXZdgol6G0+8r7Os54vJAX6E
            1vXfmg7Wx4PyQXjP1XKPWYDAvGtJ1M5QwQj7PpOK6Q0TddEiCVwVLh4kT0wim614
            acXIUeVTSmTNj504UBVp/3VdvSMjOIyMvN0ACJUHLOZRg6Nq5uCptOCRAoGATFyW
            ni4hZP74X5EQ4dlBU4w6fY9Yqrn5ejLA9m8SuQRNALKJtujg4HdYdJx5xN/Rb96M
            ZiX9sK7mS0niicuuwX7v78SoFVcFc+irMDwv6eXmq6dn0TMJ66EIWEpA1iZ4UDU6
            w8AmXQxuyHqr4YE10EacVa4j+h3Q5BZ6ROUEZHkCgYA6wEyMRLLWVc1WlLiszZRu
            g24VjoaCrPBozjm/J5lfa3muLaHj7VdemdrNlQpJ6rIbS2lYgTlD2ucpmssUb2Zq
            m9gZvlHYt5g0QF3u3ASOVvwu9+qK1TIdtolICtf4cFGHBzFw+nfZlCOkQ/Ty2Bqd
            FLtbvSNQ4oZfrUTIu2W4dw==
            -----END PRIVATE KEY-----
            """
    )

    /// For bar.com, with an ECDSA key.
    static let bar = TestCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIBiTCCAS+gAwIBAgIUbwQehI5S7Ng2Zw8PDx5gZokHtBUwCgYIKoZIzj0EAwIw
            DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEwNjQzNTlaGA8yMTI2MTAyODA2NDM1
            OVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCpJ
            mTpet6tFTT84f5icD/A+C8o1lhgVOWaWYaIsLJK58Y3T+hS4oGhwb2osD8dmeNjm
            y+pMTG6l09Ommacf+2ejZzBlMB0GA1UdDgQWBBRQgMN3D5WgWcJqz5qKZ/DxpJJ/
            ETAfBgNVHSMEGDAWgBRQgMN3D5WgWcJqz5qKZ/DxpJJ/ETAPBgNVHRMBAf8EBTAD
            AQH/MBIGA1UdEQQLMAmCB2Jhci5jb20wCgYIKoZIzj0EAwIDSAAwRQIhALVksrS7
            F1tuPMbiHINXTssND2iKGYCN+IJ2a3F6ed1LAiBhmX2uqWhxw7PBlB0Gn0+4/yJF
            kClm1mNsU4LrQ0ZMGw==
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+tKqzeHpys2oa6Ou
            JNaS8iUFDG0TuzSqhonPqmhoOQuhRANCAAQqSZk6XrerRU0/OH+YnA/wPgvKNZYY
            FTlmlmGiLCySufGN0/oUuKBocG9qLA/HZnjY5svqTExupdPTppmnH/tn
            -----END PRIVATE KEY-----
            """
    )
}
