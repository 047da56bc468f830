package conf

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// The files under deploy/ must start the program once their secrets are made and the
// AppID is filled in.

func TestComposeFileIsAcceptedInProduction(t *testing.T) {
	compose := koanf.New("/")
	if err := compose.Load(file.Provider("../deploy/compose.yaml"), yaml.Parser()); err != nil {
		t.Fatal(err)
	}
	secrets := deployedSecrets(t)
	var environ []string
	for name, value := range compose.StringMap("services/app/environment") {
		value = strings.Replace(value, "/run/secrets", secrets, 1)
		value = strings.TrimSuffix(strings.TrimPrefix(value, "${"+name+":-"), "}")
		if name == "JMK_WECHAT_APP_ID" {
			value = inService().WeChat.AppID
		}
		if name == "JMK_STAFF_ORIGIN" {
			value = inService().Staff.Origin
		}
		environ = append(environ, name+"="+value)
	}
	wantProduction(t, "", environ)
}

func TestKubernetesFileIsAcceptedInProduction(t *testing.T) {
	configMap := koanf.New("/") // the first document of the file
	if err := configMap.Load(file.Provider("../deploy/k8s/jiamenkou.yaml"), yaml.Parser()); err != nil {
		t.Fatal(err)
	}
	settings := strings.ReplaceAll(configMap.String("data/settings.yaml"), "/run/secrets/jiamenkou", deployedSecrets(t))
	wantProduction(t, settingsFile(t, settings), []string{"JMK_WECHAT_APP_ID=" + inService().WeChat.AppID, "JMK_STAFF_ORIGIN=" + inService().Staff.Origin})
}

func wantProduction(t *testing.T, path string, environ []string) {
	t.Helper()
	settings, err := Load(path, environ)
	if err != nil {
		t.Fatal(err)
	}
	if settings.Mode != Production || settings.Database.Driver != MySQL || settings.WeChat.Mode != WeChatLive {
		t.Errorf("got %+v", settings)
	}
}

// deployedSecrets makes the files that deploy/secrets/README.md lists.
func deployedSecrets(t *testing.T) string {
	t.Helper()
	folder, good := t.TempDir(), inService()
	kek := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789ABCDEF"))
	for name, secret := range map[string]string{
		"database_dsn":      "jmk:9f2c61d07be1@tcp(mysql:3306)/jiamenkou",
		"redis_password":    good.Redis.Password.Reveal(),
		"wechat_app_secret": good.WeChat.AppSecret.Reveal(),
		"seal_kek":          kek,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(fmt.Sprintln(secret)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
