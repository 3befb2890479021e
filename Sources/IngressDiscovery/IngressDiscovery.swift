// IngressDiscovery
