// Asks for each URL of its arguments as any Go program does, and says which address it was about to connect to. Nothing is
// sent: the connection is refused here.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	for _, url := range os.Args[1:] {
		reached := ""
		transport := &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
				reached = address
				return nil, errors.New("not today")
			},
		}
		if answer, problem := (&http.Client{Transport: transport}).Get(url); problem == nil {
			answer.Body.Close()
		}
		fmt.Println(reached)
	}
}
