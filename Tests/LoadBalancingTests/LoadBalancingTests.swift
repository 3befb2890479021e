// LoadBalancing
