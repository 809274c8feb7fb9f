// Prints what archive/tar reads of each archive that standard input names: one line of JSON each.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"sort"
	"strings"
)

// As much of a content as is compared.
const compared = 1 << 20

type entry struct {
	Name, Link, Uname, Gname []byte
	Flag                     byte
	Size, Mode, Uid, Gid     int64
	Seconds                  int64
	Nanos                    int
	Major, Minor             int64
	Xattrs                   [][2][]byte
	Content                  string
}

type answer struct {
	Entries []entry
	End     string
}

// What a container runtime does: it reads a stream, which cannot be sought in.
type stream struct{ io.Reader }

func read(path string) answer {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	reader := tar.NewReader(stream{bytes.NewReader(data)})
	said := answer{Entries: []entry{}}
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return said
		}
		if err != nil {
			said.End = err.Error()
			return said
		}
		hash := sha256.New()
		_, err = io.Copy(hash, io.LimitReader(reader, compared))
		xattrs := [][2][]byte{}
		for key, value := range header.PAXRecords {
			// Runtimes take these, and not Header.Xattrs, which leaves out the empty ones.
			if strings.HasPrefix(key, "SCHILY.xattr.") {
				name := strings.TrimPrefix(key, "SCHILY.xattr.")
				xattrs = append(xattrs, [2][]byte{[]byte(name), []byte(value)})
			}
		}
		sort.Slice(xattrs, func(i, j int) bool { return bytes.Compare(xattrs[i][0], xattrs[j][0]) < 0 })
		said.Entries = append(said.Entries, entry{
			Name: []byte(header.Name), Link: []byte(header.Linkname),
			Uname: []byte(header.Uname), Gname: []byte(header.Gname),
			Flag: header.Typeflag, Size: header.Size, Mode: header.Mode,
			Uid: int64(header.Uid), Gid: int64(header.Gid),
			Seconds: header.ModTime.Unix(), Nanos: header.ModTime.Nanosecond(),
			Major: header.Devmajor, Minor: header.Devminor,
			Xattrs: xattrs, Content: hex.EncodeToString(hash.Sum(nil)),
		})
		if err != nil {
			said.End = err.Error()
			return said
		}
	}
}

func main() {
	out := json.NewEncoder(os.Stdout)
	paths := bufio.NewScanner(os.Stdin)
	for paths.Scan() {
		if err := out.Encode(read(paths.Text())); err != nil {
			panic(err)
		}
	}
}
