"""The images of a release: what is in them, and that every name of a part is its digest."""

import gzip
import hashlib
import io
import json
import tarfile

NAME, MODULE, PLUGIN = "proxy-wasm-cors", "proxy-wasm-cors-module", "proxy_wasm_cors.wasm"
ARCHITECTURES = {f"{MODULE}-x86_64-unknown-linux-gnu": "amd64", f"{MODULE}-aarch64-unknown-linux-gnu": "arm64"}


def unpack(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as reader:
        return {entry.name: reader.extractfile(entry).read() for entry in reader.getmembers()}


def digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Images:
    """Tests of the files `first`, where `notices` and `packed` say what belongs into an image."""

    def test_the_image_is_a_layer_with_the_plugin(self):
        files = unpack(self.first[f"{NAME}.oci.tar"])
        [descriptor] = self.index_of(files, NAME)
        manifest = json.loads(self.blob(files, descriptor, "manifest.v1+json"))
        self.assertEqual("compat", manifest["annotations"]["module.wasm.image/variant"])
        self.assertEqual({"plugin.wasm": self.first[PLUGIN], **self.notices("plugin")}, self.layer(files, manifest))
        self.assertEqual(5, len(files), "nothing else is in it")

    def test_the_image_of_the_module_has_one_for_each_machine(self):
        files = unpack(self.first[f"{MODULE}.oci.tar"])
        [descriptor] = self.index_of(files, MODULE)
        index = json.loads(self.blob(files, descriptor, "index.v1+json"))
        platforms = {it["platform"]["architecture"]: it for it in index["manifests"]}
        self.assertEqual(sorted(ARCHITECTURES.values()), sorted(platforms))
        for name, architecture in ARCHITECTURES.items():
            manifest = json.loads(self.blob(files, platforms[architecture], "manifest.v1+json"))
            self.assertEqual(self.packed(name), self.layer(files, manifest))
            config = json.loads(self.blob(files, manifest["config"], "config.v1+json"))
            self.assertEqual((architecture, "linux"), (config["architecture"], config["os"]))
        self.assertEqual(9, len(files), "nothing else is in it")

    def index_of(self, files, name):
        index = json.loads(files["index.json"])
        self.assertEqual({"imageLayoutVersion": "1.0.0"}, json.loads(files["oci-layout"]))
        self.assertEqual([f"{it['digest']}\n".encode() for it in index["manifests"]], [self.first[f"{name}.oci.digest"]])
        return index["manifests"]

    def layer(self, files, manifest):
        """The files of an image, which are all in one layer."""
        [layer] = manifest["layers"]
        packed = gzip.decompress(self.blob(files, layer, "layer.v1.tar+gzip"))
        config = json.loads(self.blob(files, manifest["config"], "config.v1+json"))
        self.assertEqual([digest(packed)], config["rootfs"]["diff_ids"])
        return unpack(packed)

    def blob(self, files, descriptor, kind):
        content = files["blobs/" + descriptor["digest"].replace(":", "/")]
        self.assertEqual(f"application/vnd.oci.image.{kind}", descriptor["mediaType"])
        self.assertEqual((descriptor["digest"], descriptor["size"]), (digest(content), len(content)))
        return content
