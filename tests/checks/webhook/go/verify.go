// Verify says of each case on standard input what the API server would: its caBundle is read and the served certificates
// are verified as client-go and crypto/tls do it.
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

type verifyCase struct {
	Bundle []byte
	Chain  [][]byte
	Name   string
	At     int64
}

func judge(c verifyCase) string {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(c.Bundle) {
		return "unparsable"
	}
	intermediates := x509.NewCertPool()
	var leaf *x509.Certificate
	for i, der := range c.Chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return "mismatch"
		}
		if i == 0 {
			leaf = certificate
			continue
		}
		intermediates.AddCert(certificate)
	}
	options := x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, DNSName: c.Name, CurrentTime: time.Unix(c.At, 0),
	}
	if _, err := leaf.Verify(options); err != nil {
		if strings.Contains(err.Error(), "has expired or is not yet valid") {
			return "expired"
		}
		return "mismatch"
	}
	switch leaf.PublicKey.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return "verified"
	}
	return "mismatch"
}

func main() {
	var cases []verifyCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	verdicts := make([]string, 0, len(cases))
	for _, c := range cases {
		verdicts = append(verdicts, judge(c))
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		os.Exit(1)
	}
}
