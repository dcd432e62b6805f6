{
  description = "A system on qos";

  # `cargo xtask new system` writes the address of its repository here. Otherwise add it to Nix's registry: nix registry add qos URL
  inputs.qos.url = "flake:qos";

  outputs = { self, qos }: qos.lib.mkSystem { src = self; };
}
