# The programs of this system's images, by the names that qos.toml uses. `userland` has qos's own programs.
{ cargo, userland }:
{
  my = cargo {
    name = "my-programs";
    packages = [ "qos-hello" ];
    profile = "release";
    guest = "guest";
    includes = [ userland ];
    install = ''
      mkdir -p "$out/bin"
      install "$programs/hello" ${userland}/bin/* "$out/bin/"
      cp ${userland}/applets "$out/"
    '';
  };
}
