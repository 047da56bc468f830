package staff

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	stepSeconds     = 30 // RFC 6238, and all that every authenticator takes
	totpSecretBytes = 20
	issuer          = "家门口工作台"
)

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

var totpText = base32.StdEncoding.WithPadding(base32.NoPadding)

func newTOTPSecret() string {
	secret := make([]byte, totpSecretBytes)
	_, _ = rand.Read(secret) // never fails: the program would end
	return totpText.EncodeToString(secret)
}

// totpURI is what authenticators read from a QR code.
func totpURI(secret, account string) string {
	u := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account,
		RawQuery: url.Values{"secret": {secret}, "issuer": {issuer}}.Encode(),
	}
	return u.String()
}

// stepOf finds the step whose code it is: the present one, the one before or the one after, for clocks that differ.
func stepOf(secret, code string, now time.Time) (step int, right bool) {
	code = strings.NewReplacer(" ", "", "-", "").Replace(code)
	present := int(now.Unix() / stepSeconds)
	for _, step := range []int{present, present - 1, present + 1} {
		if ok, err := hotp.ValidateCustom(code, uint64(step), secret, totpOptions); ok && err == nil {
			return step, true
		}
	}
	return 0, false
}
